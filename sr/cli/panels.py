"""The groups of `sr --help`: what people do, and last what the workflow's rules call."""

USE = "Use"
MEASURE = "Measure"
TRAIN = "Train"
REPLICATE = "Replicate"
OWN = "The workflow's own"
