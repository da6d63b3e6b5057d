"""Loss terms, one file each; every one is called as `loss(batch)` and returns an unweighted scalar."""
