"""LibreOffice as a person of a unit uses it: opens a file, works in it, and saves it as Excel or Word does (python3-uno
with libreoffice-calc or libreoffice-writer, Debian packages). What is done comes as JSON on standard input.

    office-suite.py BEFORE.xlsx AFTER.xlsx

for each sheet its rows, each a list of the row's number and of what is typed from the first column on;

    office-suite.py BEFORE.docx AFTER.docx

a list of what is done, one after the other, each with its name and words: the methods of `Letter`. Comments are none of
them: 7.4 breaks down when it saves one beside a content control.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

PATIENCE = 120
PARAGRAPH_BREAK = 0


def setting(name, value):
    one = PropertyValue()
    one.Name, one.Value = name, value
    return one


def connected(pipe):
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def fill_in(workbook, typed):
    for name, rows in typed.items():
        sheet = workbook.Sheets.getByName(name)
        for number, cells in rows:
            for column, text in enumerate(cells):
                if text:
                    # The columns are made for text: what a person types there stays one.
                    sheet.getCellByPosition(column, number - 1).setString(text)


class Letter:
    """A document that is open in Writer."""

    def __init__(self, document, dispatcher):
        self.document = document
        self.dispatcher = dispatcher

    def replace(self, old, new):
        """Puts new words in the place of old ones, wherever those stand."""
        wanted = self.document.createReplaceDescriptor()
        wanted.SearchString, wanted.ReplaceString = old, new
        assert self.document.replaceAll(wanted), old

    def strike(self, words):
        """Deletes the paragraph with these words."""
        paragraph = self.paragraph(words)
        paragraph.Text.removeTextContent(paragraph)

    def strike_from(self, first, last):
        """Deletes the paragraphs from the one with the first words to the one with the last."""
        paragraphs = list(self.paragraphs())
        start, end = (next(at for at, one in enumerate(paragraphs) if w in one.String) for w in (first, last))
        for paragraph in paragraphs[start : end + 1]:
            paragraph.Text.removeTextContent(paragraph)

    def split(self, words):
        """Begins a new paragraph behind these words."""
        found = self.find(words)
        found.Text.insertControlCharacter(found.End, PARAGRAPH_BREAK, False)

    def add_below(self, words, text):
        """Types a paragraph below the one with these words."""
        end = self.paragraph(words).End
        end.Text.insertControlCharacter(end, PARAGRAPH_BREAK, False)
        end.Text.insertString(end, text, False)

    def move_above(self, first, last, words):
        """Cuts the paragraphs from the first to the last, and pastes them above the one with these words."""
        controller = self.document.CurrentController
        start = self.paragraph(first).Start
        cut = start.Text.createTextCursorByRange(start)
        cut.gotoRange(self.paragraph(last).End, True)
        assert cut.goRight(1, True)
        controller.select(cut)
        clipboard = controller.getTransferable()
        cut.setString("")
        controller.ViewCursor.gotoRange(self.paragraph(words).Start, False)
        controller.insertTransferable(clipboard)

    def fill_cell(self, words, cell, text):
        """Types into a cell, such as E4, of the table that begins with these words."""
        tables = self.document.TextTables
        table = next(one for one in map(tables.getByIndex, range(tables.Count)) if one.getCellByName("A1").String == words)
        table.getCellByName(cell).setString(text)

    def track(self, old, new):
        """Replaces words, and has the change tracked."""
        self.document.RecordChanges = True
        self.replace(old, new)
        self.document.RecordChanges = False

    def accept(self, words):
        """Accepts the tracked changes of the paragraph with these words."""
        controller = self.document.CurrentController
        controller.select(self.paragraph(words))
        self.dispatcher.executeDispatch(controller.Frame, ".uno:AcceptTrackedChange", "", 0, ())

    def find(self, words):
        wanted = self.document.createSearchDescriptor()
        wanted.SearchString = words
        found = self.document.findFirst(wanted)
        assert found, words
        return found

    def paragraph(self, words):
        return next(one for one in self.paragraphs() if words in one.String)

    def paragraphs(self):
        return (one for one in self.document.Text if one.supportsService("com.sun.star.text.Paragraph"))


def main(before, after):
    done = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as home:
        pipe = "nianbao" + Path(home).name
        program = ["soffice", "--headless", "--norestore", f"-env:UserInstallation={Path(home).as_uri()}"]
        office = subprocess.Popen([*program, f"--accept=pipe,name={pipe};urp;"], stdout=sys.stderr)
        try:
            context = connected(pipe)
            create = context.ServiceManager.createInstanceWithContext
            desktop = create("com.sun.star.frame.Desktop", context)
            document = desktop.loadComponentFromURL(
                Path(before).resolve().as_uri(), "_blank", 0, (setting("Hidden", True),)
            )
            if before.endswith(".docx"):
                letter = Letter(document, create("com.sun.star.frame.DispatchHelper", context))
                for name, *words in done:
                    getattr(letter, name)(*words)
                kind = "MS Word 2007 XML"
            else:
                fill_in(document, done)
                kind = "Calc MS Excel 2007 XML"
            document.storeToURL(Path(after).resolve().as_uri(), (setting("FilterName", kind),))
            document.close(True)
            desktop.terminate()
            office.wait(PATIENCE)
        finally:
            office.kill()


main(*sys.argv[1:])
