"""What METRICS and TRACES add. An app imports a module of this package only where its settings ask for it."""
