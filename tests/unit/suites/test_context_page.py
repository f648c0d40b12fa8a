"""docs/context.md: its suite is one, and says what the page says that it does."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[3] / "docs" / "context.md").read_text("utf-8")
FILES = dict(re.findall(r"^<!-- file: (\S+) -->\n```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def test_the_pages_suite_reads(read, tmp_path):
    (tmp_path / "docs").mkdir()
    for name in ("leave", "pay"):
        (tmp_path / "docs" / f"{name}.md").write_text(name)

    suite = read(FILES["bench_handbook.yaml"])

    closed, full, compressed = (strategy.context for strategy in suite.strategies)
    assert closed is None
    assert (full.top_k, full.compress_to) == (10, None)
    assert (compressed.top_k, compressed.compress_to, compressed.chunk_tokens) == (3, 100, 256)


def test_the_pages_template_renders(read, tmp_path):
    (template,) = re.findall(r"^ +({% for .*%})$", PAGE, re.MULTILINE)
    (tmp_path / "docs").mkdir()
    for name in ("leave", "pay"):
        (tmp_path / "docs" / f"{name}.md").write_text(name)
    text = FILES["bench_handbook.yaml"].replace("Answer in a few words.", template)

    assert template in read(text).strategies[0].prompt.prompt


def test_the_pages_compressor_is_a_tier(read, tmp_path):
    (tmp_path / "docs").mkdir()
    for name in ("leave", "pay"):
        (tmp_path / "docs" / f"{name}.md").write_text(name)
    (context,) = re.findall(r"^context: .*compressor: cheap}$", PAGE, re.MULTILINE)
    text = re.sub(r"^context: .*$", context, FILES["bench_handbook.yaml"], flags=re.MULTILINE)

    closed, full, compressed = read(text).strategies
    assert closed.compressor is None
    assert (full.compressor.model, compressed.compressor.params["max_tokens"]) == ("cheap", 100)
