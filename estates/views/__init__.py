"""The register's own staff pages: rosters and readings taken in, meters, and the reader's round."""
