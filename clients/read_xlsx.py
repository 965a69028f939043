"""Reads an XLSX with openpyxl and compares it with the CSV of the same table, cell by cell.

usage: read_xlsx.py TABLE.xlsx TABLE.csv
"""

import csv
import sys
from decimal import Decimal

import openpyxl

NUMBERS = {"amount", "total", "credited", "due", "paid", "written_off", "balance", "quantity", "entries", "revision"}
MONEY = {"amount", "total", "credited", "due", "paid", "written_off", "balance"}


def fail(what):
    sys.exit(f"{sys.argv[1]}: {what}")


def rows_of_sheets(workbook):
    """The rows of all sheets, with the head of theirs."""
    head = None
    for sheet in workbook.worksheets:
        rows = sheet.iter_rows()
        own = [cell.value for cell in next(rows)]
        if head not in (None, own):
            fail(f"the sheet {sheet.title} has another head")
        head = own
        yield from ((head, row) for row in rows)


def check(title, cell, text):
    """One cell against the text of the CSV."""
    if cell.data_type == "f":
        fail(f"{cell.coordinate} is a formula: {cell.value}")
    if text == "":
        if cell.value is not None:
            fail(f"{cell.coordinate} is not empty: {cell.value!r}")
    elif title in NUMBERS:
        if cell.data_type != "n" or Decimal(repr(cell.value)) != Decimal(text):
            fail(f"{cell.coordinate} is {cell.value!r}, and the CSV has {text}")
        digits = len(text.partition(".")[2])
        shown = "#,##0" + ("." + "0" * digits if digits else "")
        if title in MONEY and cell.number_format != shown:
            fail(f"{cell.coordinate} is shown as {cell.number_format}, not as {shown}")
    elif title == "disputed":
        if cell.value is not (text == "true"):
            fail(f"{cell.coordinate} is {cell.value!r}, and the CSV has {text}")
    elif cell.data_type not in ("s", "inlineStr") or cell.value != text.removeprefix("'"):
        # The CSV has an apostrophe where a spreadsheet would see a formula.
        fail(f"{cell.coordinate} is {cell.value!r}, and the CSV has {text!r}")


def main():
    workbook = openpyxl.load_workbook(sys.argv[1])
    with open(sys.argv[2], newline="", encoding="utf-8") as file:
        expected = list(csv.DictReader(file))
    found = list(rows_of_sheets(workbook))
    if len(found) != len(expected):
        fail(f"{len(found)} rows, and the CSV has {len(expected)}")
    for (head, row), told in zip(found, expected):
        for title, cell in zip(head, row):
            check(title, cell, told[title])


main()
