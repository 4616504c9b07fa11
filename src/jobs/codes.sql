-- By its code it is known whether what was found first of a unit may pass when it is tried again.
ALTER TABLE nianbao_units ADD COLUMN code TEXT;
