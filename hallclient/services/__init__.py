"""What people do with the product, one module for each."""
