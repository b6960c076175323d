"""What `kmin extract` writes: one module per target."""
