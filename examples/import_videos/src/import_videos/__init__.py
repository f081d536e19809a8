"""Store every row of a large CSV file in a table, with one child execution per row."""
