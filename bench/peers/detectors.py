"""
Detectors of scikit-learn, fitted to the rows that ours are fitted to. Usage: python3 detectors.py FOLDER NAME

FOLDER has cases.json, a list of objects: train, test and scores name files of raw float32, rows × features, and the
seed is the one of the split. Writes a score a test row, the larger the more anomalous, and prints one JSON object.
Settings are the library's own unless they are written here. Their figures are measured, not those of a paper.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.svm import OneClassSVM


def isolation_forest(train, test, seed):
    return -IsolationForest(n_estimators=200, random_state=seed).fit(train).score_samples(test)


def knn(train, test, k):
    """The distance to the k-th nearest of the training rows."""
    return NearestNeighbors(n_neighbors=k).fit(train).kneighbors(test)[0][:, -1]


def lof(train, test, _):
    return -LocalOutlierFactor(n_neighbors=20, novelty=True).fit(train).score_samples(test)


def one_class_svm(train, test, _):
    return -OneClassSVM().fit(train).score_samples(test)


def gaussian_mixture(train, test, seed):
    return -GaussianMixture(n_components=10, random_state=seed).fit(train).score_samples(test)


def pca(train, test, components):
    """The squared length of what so many components, or that share of the variance, leave of a row."""
    fitted = PCA(components, svd_solver="full").fit(train)
    return np.square(test - fitted.inverse_transform(fitted.transform(test))).sum(axis=1)


PEERS = {
    "isolation_forest": isolation_forest,
    "knn_5": lambda train, test, _: knn(train, test, 5),
    "knn_5_percent": lambda train, test, _: knn(train, test, max(1, round(0.05 * len(train)))),
    "lof": lof,
    "one_class_svm": one_class_svm,
    "gaussian_mixture": gaussian_mixture,
    "pca_90_percent": lambda train, test, _: pca(train, test, 0.9),
    "pca_32": lambda train, test, _: pca(train, test, 32),
}
if len(sys.argv) != 3 or sys.argv[2] not in PEERS:
    sys.exit(__doc__.strip())
folder, peer = Path(sys.argv[1]), PEERS[sys.argv[2]]


def rows(name, features):
    """In float64, as some detectors would otherwise compute in float32 too."""
    return np.fromfile(folder / name, np.float32).reshape(-1, features).astype(float)


seconds = 0
for case in json.loads((folder / "cases.json").read_text()):
    train, test = (rows(case[name], case["features"]) for name in ("train", "test"))
    began = time.perf_counter()
    try:
        scores = peer(train, test, case["seed"])
    except Exception as error:
        sys.exit(f"{case['train']}: {type(error).__name__}: {error}".splitlines()[0])
    seconds += time.perf_counter() - began
    scores.astype(np.float32).tofile(folder / case["scores"])
print(json.dumps({"version": sklearn.__version__, "seconds": seconds}))
