"""The Parquet dataset: schema, commit protocol, reader, run manifests."""
