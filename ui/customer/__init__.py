"""The customer's window, on the second screen."""
