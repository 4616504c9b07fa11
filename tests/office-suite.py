"""LibreOffice as a person of a unit uses it: opens a workbook, types into its cells, and saves it as Excel does
(python3-uno and libreoffice-calc, Debian packages). What is typed comes as JSON on standard input: for each sheet its
rows, each a list of the row's number and of what is typed from the first column on.

    office-suite.py BEFORE.xlsx AFTER.xlsx
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


def main(before, after):
    typed = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as home:
        pipe = "nianbao" + Path(home).name
        program = ["soffice", "--headless", "--norestore", f"-env:UserInstallation={Path(home).as_uri()}"]
        office = subprocess.Popen([*program, f"--accept=pipe,name={pipe};urp;"], stdout=sys.stderr)
        try:
            context = connected(pipe)
            desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            document = desktop.loadComponentFromURL(
                Path(before).resolve().as_uri(), "_blank", 0, (setting("Hidden", True),)
            )
            for name, rows in typed.items():
                sheet = document.Sheets.getByName(name)
                for number, cells in rows:
                    for column, text in enumerate(cells):
                        if text:
                            # The columns are made for text: what a person types there stays one.
                            sheet.getCellByPosition(column, number - 1).setString(text)
            document.storeToURL(
                Path(after).resolve().as_uri(), (setting("FilterName", "Calc MS Excel 2007 XML"),)
            )
            document.close(True)
            desktop.terminate()
            office.wait(PATIENCE)
        finally:
            office.kill()


main(*sys.argv[1:])
