"""What METRICS and TRACES add. An app imports a module of this package only where its settings ask for it."""

# What a collector that does not answer may cost: at the stop, what there is is sent.
EXPORT_SECONDS = 2.0
