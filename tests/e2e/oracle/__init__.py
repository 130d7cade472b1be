"""An exact and slow second opinion of flow definitions, over the JSON of a decoder that we did not write.

Nothing here is shared with the engine: headers are taken apart in dissect.py, definitions are read in language.py, and
rates are sums over every sample, in rates.py."""
