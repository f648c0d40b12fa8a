"""Whether the real local models are there to be asked."""

from __future__ import annotations

import importlib.util

import pytest

from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder

NAME = "smollm2-135m"
IS_THERE = importlib.util.find_spec("xllamacpp") is not None and ModelFolder(models_folder()).has(NAME)

needs_weights = pytest.mark.skipif(not IS_THERE, reason=f"needs the local extra and `llmcost models pull {NAME}`")

MINILM_IS_THERE = importlib.util.find_spec("onnxruntime") is not None and ModelFolder(models_folder()).has("minilm")

needs_minilm = pytest.mark.skipif(
    not MINILM_IS_THERE, reason="needs the semantic extra and `llmcost models pull minilm`"
)
