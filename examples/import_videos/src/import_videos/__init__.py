"""Put every row of a large CSV file into a table, with a child execution for each."""
