"""A set of devices that needs no hardware. Everything from here marks its session as practice."""
