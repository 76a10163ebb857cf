"""
How fast scikit-learn's isolation forest is, with the library's own settings. Usage: python3 isolation_forest.py FIT SCORE
COLUMNS. Fits it to FIT rows of normal numbers, scores SCORE others, and prints one JSON object.
"""

import json
import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest

if len(sys.argv) != 4:
    sys.exit(__doc__.strip())
fit, score, columns = map(int, sys.argv[1:])
random = np.random.default_rng(1)
train = random.normal(size=(fit, columns))
began = time.perf_counter()
forest = IsolationForest(random_state=1).fit(train)
fitted = time.perf_counter()
rows = random.normal(size=(score, columns))
drawn = time.perf_counter()
forest.score_samples(rows)
scored = time.perf_counter()
print(json.dumps({"version": sklearn.__version__, "fit_s": fitted - began, "score_s": scored - drawn}))
