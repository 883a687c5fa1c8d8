"""A simulated reader and card on a real PC/SC stack: own IFD handler, private pcscd, virtual SAM."""
