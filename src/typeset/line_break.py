"""Makes the face of line breaks, line_break.ttf: nothing for U+2028, and a box for what no face has. Needs fontTools.

    line_break.py line_break.ttf
"""

import sys

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph


def box():
    pen = TTGlyphPen(None)
    for inset, is_hole in ((60, False), (110, True)):
        left, bottom, right, top = inset, inset - 120, 1000 - inset, 880 - inset
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
        corners = corners[::-1] if is_hole else corners
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


face = FontBuilder(1000)
face.setupGlyphOrder([".notdef", "break"])
face.setupCharacterMap({0x2028: "break"})
face.setupGlyf({".notdef": box(), "break": Glyph()})
face.setupHorizontalMetrics({".notdef": (1000, 60), "break": (0, 0)})
face.setupHorizontalHeader(ascent=880, descent=-120)
face.setupNameTable({"familyName": "Line Break", "styleName": "Regular"})
face.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120, fsType=0)
face.setupPost(keepGlyphNames=False)
# The same bytes on any day.
face.font["head"].created = face.font["head"].modified = 0
face.font.recalcTimestamp = False
face.save(sys.argv[1])
