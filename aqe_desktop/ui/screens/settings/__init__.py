"""The settings: a form that draws itself from the schema, so a new setting is one field there."""
