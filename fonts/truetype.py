"""Gives a face quadratic outlines in place of cubic ones, of no more points than it takes to look the same.

typst's PDF export takes glyphs of such a face out as they are, where it has to interpret those of the other kind; and
every PDF carries, packed anew, all points of its characters. Fandol's cubic curves are quadratic ones that were written
as cubic and rounded, many of them flat.

    truetype.py FROM.otf TO.ttf
    truetype.py FROM.ttc TO.ttf FAMILY

Of a collection only the face of this family, and of it only what GB 2312 has, under a family of its own (FAMILY GB2312).
A title has few characters, and a face of all of East Asia takes long to be read for them.
"""

import sys
from itertools import accumulate

from fontTools import subset
from fontTools.cu2qu import curve_to_quadratic
from fontTools.pens.filterPen import ContourFilterPen
from fontTools.pens.reverseContourPen import ReverseContourPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

# How far a curve may lie from places of what it stands for, of the side of a character: about a quarter of a dot of
# 600 dpi, for the faces of the body in 三号, for that of titles in the head of a formal document. So far a quadratic curve
# from its cubic one, and so far from quadratic ones what becomes of several.
FURTHEST = 2 / 1000
FURTHEST_IN_HEADS = 0.5 / 1000

# What typst asks of a face for a horizontal line, but for forms of other languages.
LAYOUT_FEATURES = ["calt", "ccmp", "clig", "kern", "liga", "mark", "mkmk", "rlig"]


class Curve:
    """A quadratic curve, a line if its control point is in the middle, and places of the outline it stands for.

    Points are complex numbers, in units of the face.
    """

    def __init__(self, start, control, end, places=None):
        self.start, self.control, self.end = start, control, end
        # At the start, and how it grows on the way.
        self.speed, self.growth = 2 * (control - start), 2 * (start - 2 * control + end)
        self.places = places or [self.at(quarter / 4) for quarter in range(1, 5)]

    @classmethod
    def line(cls, start, end):
        return cls(start, (start + end) / 2, end)

    @property
    def is_line(self):
        return self.control == (self.start + self.end) / 2

    def at(self, t):
        return self.start + t * (self.speed + t * self.growth / 2)

    def stands_for(self, places, furthest):
        return all(self.is_near(place, furthest) for place in places)

    def is_near(self, place, furthest):
        """Whether the curve passes a place so near: its foot is looked for from that on the chord."""
        t = along(place - self.start, self.end - self.start)
        for _ in range(4):
            t = min(max(t, 0), 1)
            missed = place - self.at(t)
            if abs(missed) <= furthest:
                return True
            t += along(missed, self.speed + t * self.growth)
        return False

    def and_then(self, other, furthest):
        """One curve for this and the next: that leaves as the one and arrives as the other, or else the nearest."""
        if self.makes_corner_with(other, furthest):
            return None
        places = [*self.places, *other.places]
        for control in (self.meeting(other), self.nearest(other, places)):
            if control is not None:
                both = Curve(self.start, rounded(control), other.end, places)
                # Where the two meet is mostly the farthest.
                if both.is_near(self.end, furthest) and both.stands_for(places, furthest):
                    return both
        return None

    def makes_corner_with(self, other, furthest):
        """Whether they turn so sharply, and go on so far, that there is no use in looking for one curve."""
        leaving, arriving = self.end - self.control, other.control - other.start
        is_sharp = dot(leaving, arriving) < abs(leaving) * abs(arriving) / 2
        return is_sharp and min(abs(leaving), abs(arriving)) > 6 * furthest

    def meeting(self, other):
        """Where their directions meet: ahead of the start and behind the end, or no curve leaves and arrives so."""
        leaving, arriving = self.control - self.start, other.end - other.control
        turn, chord = cross(leaving, arriving), other.end - self.start
        if not turn or cross(chord, arriving) / turn <= 0 or cross(leaving, chord) / turn <= 0:
            return None
        return self.start + cross(chord, arriving) / turn * leaving

    def nearest(self, other, places):
        """The control point with the least squares of distances, each place at its share of the way."""
        reached = list(accumulate(abs(place - before) for before, place in zip([self.start, *places], places)))
        if not reached[-1]:
            return None
        shares = [way / reached[-1] for way in reached]
        weights = [2 * t * (1 - t) for t in shares]
        weight = sum(w * w for w in weights)
        if not weight:
            return None
        pulls = (p - (1 - t) ** 2 * self.start - t * t * other.end for t, p in zip(shares, places))
        return sum(w * pull for w, pull in zip(weights, pulls)) / weight

    def or_line(self, furthest):
        line = Curve.line(self.start, self.end)
        return line if line.stands_for(self.places, furthest) else self


class Fewest(ContourFilterPen):
    """Draws each outline by as few quadratic curves and lines as lie near enough to it."""

    def __init__(self, pen, furthest):
        super().__init__(pen)
        self.furthest = furthest

    def filterContour(self, contour):
        (begin, (start,)), *segments, end = contour
        curves, here = [], complex(*start)
        for operator, points in segments:
            points = [here, *(complex(*point) for point in points)]
            curves += self.quadratic(*points) if operator == "curveTo" else [Curve.line(*points)]
            here = points[-1]
        return [(begin, (start,)), *segments_of(self.joined(curves)), end]

    def quadratic(self, a, b, c, d):
        """The curve that a cubic one was before it was written as such; if it was none, as many as it takes."""
        control = rounded((3 * (b + c) - a - d) / 4)
        if max(abs(3 * b - a - 2 * control), abs(3 * c - d - 2 * control)) <= 3 * self.furthest:
            return [Curve(a, control, d)]
        spline = curve_to_quadratic([pair(point) for point in (a, b, c, d)], self.furthest)
        controls = [rounded(complex(*point)) for point in spline[1:-1]]
        ends = [rounded((one + other) / 2) for one, other in zip(controls, controls[1:])]
        return [Curve(*points) for points in zip([a, *ends], controls, [*ends, d])]

    def joined(self, curves):
        kept = []
        for curve in curves:
            while kept and (both := kept[-1].and_then(curve, self.furthest)):
                kept.pop()
                curve = both
            kept.append(curve)
        return [curve.or_line(self.furthest) for curve in kept]


def segments_of(curves):
    """As a pen draws them. A point in the middle of two control points is left out: renderers put it there."""
    controls = []
    for curve, after in zip(curves, [*curves[1:], None]):
        if curve.is_line:
            yield "lineTo", [pair(curve.end)]
            continue
        controls.append(curve.control)
        if not after or after.is_line or curve.end != rounded((curve.control + after.control) / 2):
            yield "qCurveTo", [pair(point) for point in (*controls, curve.end)]
            controls = []


def pair(point):
    return point.real, point.imag


def rounded(point):
    return complex(round(point.real), round(point.imag))


def cross(one, other):
    return (one.conjugate() * other).imag


def dot(one, other):
    return (one * other.conjugate()).real


def along(one, other):
    """How far the one goes along the other, in lengths of the other."""
    return dot(one, other) / (abs(other) ** 2 or 1)


def cut(collection, family):
    """The face of this family with what GB 2312 has, and what is typed with it in a title."""
    faces = TTCollection(collection, lazy=True).fonts
    face = next(face for face in faces if face["name"].getDebugName(1) == family)
    face.recalcTimestamp = False
    rows, cells = range(0xA1, 0xF8), range(0xA1, 0xFF)
    # As GBK reads its codes: Python's GB 2312 has another dash and another middle dot than are typed.
    characters = (bytes([row, cell]).decode("gbk", "ignore") for row in rows for cell in cells)
    options = subset.Options(layout_features=LAYOUT_FEATURES, hinting=False, name_IDs=["*"], name_languages=["*"])
    options.drop_tables += ["BASE", "vhea", "vmtx"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[*range(0x20, 0x7F), *(ord(one) for one in characters if one)])
    subsetter.subset(face)
    for record in face["name"].names:
        if record.nameID in (1, 4):
            record.string = str(record).replace(family, f"{family} GB2312")
        elif record.nameID == 6:
            record.string = str(record).replace("-", "GB2312-")
    return face


def glyphs(face, furthest):
    drawn = face.getGlyphSet()
    for name in face.getGlyphOrder():
        pen = TTGlyphPen(None)
        # The outer outline of a TrueType glyph goes the other way round.
        drawn[name].draw(Fewest(ReverseContourPen(pen), face["head"].unitsPerEm * furthest))
        yield name, pen.glyph()


def main(source, target, family=None):
    face = cut(source, family) if family else TTFont(source, recalcTimestamp=False)
    order = face.getGlyphOrder()
    outlines = newTable("glyf")
    outlines.glyphOrder = order
    outlines.glyphs = dict(glyphs(face, FURTHEST_IN_HEADS if family else FURTHEST))
    face["loca"], face["glyf"] = newTable("loca"), outlines
    for name, (advance, _) in face["hmtx"].metrics.items():
        outline = outlines[name]
        if outline.numberOfContours:
            outline.recalcBounds(outlines)
        face["hmtx"][name] = advance, getattr(outline, "xMin", 0)
    limits = face["maxp"]
    limits.tableVersion, limits.maxZones = 0x00010000, 1
    # There is nothing else that these would limit: no instructions, and no glyph made of others.
    for limit in (
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
    ):
        setattr(limits, limit, 0)
    face["post"].formatType, face["post"].glyphOrder = 3.0, order
    for table in ("CFF ", "VORG"):
        if table in face:
            del face[table]
    face.sfntVersion = "\0\1\0\0"
    face.save(target)


main(*sys.argv[1:])
