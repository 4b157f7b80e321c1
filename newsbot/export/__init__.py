"""Takes articles away: CSV, JSON Lines or Parquet, all of a query or a random sample of it."""
