"""What others take for the same reports: for each its name, a tab, and the seconds for all of them.

    peers.py FOLDER FONTS [OTHERS]

The folder has each report as .json, .html and .docx. typst-py is warm and sets the bare text, in the usual way of
breaking lines and in the simple one, with our faces, and with others if there are any; WeasyPrint sets our web page,
LibreOffice our Word file. All use both cores, but for LibreOffice, which has one process.
"""

import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SETTINGS = """
#set page(paper: "a4", margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm), numbering: "1")
#set text(font: ("FandolFang R", "BabelStone Han"), size: 16pt, lang: "zh")
#set par(justify: true, first-line-indent: (amount: 2em, all: true), leading: 13.6pt, linebreaks: "%s")
"""


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts(one)


def source(report, breaking):
    parts = ("preface", "measures", "problems", "duties", "plans", "other")
    lines = [text for part in parts for text in texts(report.get(part, []))]
    return SETTINGS % breaking + "".join(f"#{json.dumps(line, ensure_ascii=False)}\n\n" for line in lines)


compiler = None


def start_typst(fonts):
    global compiler
    import typst

    compiler = typst.Compiler(font_paths=[fonts])


def set_by_typst(text):
    return len(compiler.compile(input=text.encode()))


def set_by_weasyprint(path):
    import weasyprint

    return len(weasyprint.HTML(path).write_pdf())


def timed(name, pool, work, inputs):
    pool.map(work, inputs[:2], chunksize=1)  # warm
    start = time.monotonic()
    pool.map(work, inputs, chunksize=1)
    print(f"{name}\t{time.monotonic() - start:.2f}", flush=True)


def main(folder, ours, *others):
    reports = [json.loads(path.read_text()) for path in sorted(Path(folder).glob("*.json"))]
    for whose, fonts in [("our faces", ours), *(("other faces", fonts) for fonts in others)]:
        for breaking in ("simple", "optimized"):
            sources = [source(one, breaking) for one in reports]
            with multiprocessing.Pool(2, start_typst, (fonts,)) as pool:
                timed(f"typst-py, {breaking} breaking, {whose}", pool, set_by_typst, sources)
    with multiprocessing.Pool(2) as pool:
        timed("WeasyPrint", pool, set_by_weasyprint, [str(path) for path in sorted(Path(folder).glob("*.html"))])
    with tempfile.TemporaryDirectory() as out:
        documents = [str(path) for path in sorted(Path(folder).glob("*.docx"))]
        start = time.monotonic()
        command = ["soffice", f"-env:UserInstallation=file://{out}/profile", "--headless", "--convert-to", "pdf"]
        subprocess.run([*command, "--outdir", out, *documents], check=True, stdout=subprocess.DEVNULL)
        print(f"LibreOffice\t{time.monotonic() - start:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
