"""Makes the face of line breaks, line_break.ttf: one empty glyph, for U+2028. Needs fontTools.

    line_break.py line_break.ttf
"""

import sys

from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph

face = FontBuilder(1000)
face.setupGlyphOrder([".notdef", "break"])
face.setupCharacterMap({0x2028: "break"})
face.setupGlyf({".notdef": Glyph(), "break": Glyph()})
face.setupHorizontalMetrics({".notdef": (0, 0), "break": (0, 0)})
face.setupHorizontalHeader(ascent=880, descent=-120)
face.setupNameTable({"familyName": "Line Break", "styleName": "Regular"})
face.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
face.setupPost(keepGlyphNames=False)
# The same bytes on any day.
face.font["head"].created = face.font["head"].modified = 0
face.font.recalcTimestamp = False
face.save(sys.argv[1])
