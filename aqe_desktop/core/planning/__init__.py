"""The arithmetic of a model's memory, by which plans are made and engines refuse what would not fit."""
