"""
t-SNE by scikit-learn. Usage: python3 tsne.py FILE N D ITERATIONS

FILE has n × d raw float32. The start is the first two columns, which are principal components, and the learning rate
is the library's own, n / 12 / 4; the other settings are those of our own run. Prints one JSON object.
"""

import json
import sys
import time

import numpy as np
import sklearn
from sklearn.manifold import TSNE

file, n, d, iterations = sys.argv[1], *map(int, sys.argv[2:])
points = np.fromfile(file, dtype=np.float32).reshape(n, d)
start = points[:, :2] / points[:, 0].std() * 1e-4
began = time.perf_counter()
tsne = TSNE(perplexity=30, init=start, n_iter=iterations, learning_rate="auto", n_jobs=-1)
tsne.fit(points)
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "kl": float(tsne.kl_divergence_), "version": sklearn.__version__}))
