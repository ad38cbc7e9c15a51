"""Tables that people send us: workbooks and text files, read with care and blamed with precision.

The way of a file: `reader` opens it inside limits and hands out `sheet.Sheet`s whose cells know their line in the
file; `header` finds the row that names the columns and the rows that are data; `row` takes one row's cells through
the parsers of `cells` and collects what is wrong as `findings`, which `findings.problem_of` puts into words.
Nothing here knows what a table is about: rosters, readings and tariffs bring their own columns and rules.
"""
