-- What the unit is called in its part of a collection. It follows the roster until the report is accepted or the
-- collection closed, and is the name of then from there on.
ALTER TABLE nianbao_submissions ADD COLUMN name TEXT NOT NULL DEFAULT '';

UPDATE nianbao_submissions SET name = COALESCE(
    (SELECT former.name FROM nianbao_roster_names former, nianbao_collections asking
     WHERE asking.id = nianbao_submissions.collection AND former.unit = nianbao_submissions.unit
         AND former.until > CASE
             WHEN nianbao_submissions.state IN ('accepted', 'published') THEN nianbao_submissions.since
             ELSE asking.closed_at END
     ORDER BY former.number LIMIT 1),
    (SELECT known.name FROM nianbao_roster known WHERE known.code = nianbao_submissions.unit),
    '');
