from __future__ import annotations
import json, pytest, textwrap
from fakes.project import *
from fakes.stub_server import *
GOOD = by_keyword({"order": "shop"}, otherwise="other")
def show(t, r):
    print(f"######## ^^^^ {t}: ret={r.ret}")
def stored(project, n=20, **k):
    project.suite(numbered_cases(n), **k); project.server.play(GOOD)
    assert project.run("--llm-budget","--llm-update-baseline", "-q").ret==0
    return project.path/"llm_baselines"/"bench_mail.jsonl"




import subprocess, sys, os
def test_f16(project):
    print("=================== START")
    cases = [{"id": f"größe {i} 🙂 שלום", "text": f"My order number {i} für 🙂", "expected": "shop"} for i in range(20)]
    project.suite(cases, name="bench_größe.yaml", suite="Größe 🙂")
    project.server.play(GOOD)
    project.run("--llm-budget", "--llm-update-baseline", "-q")
    project.suite(cases, name="bench_größe.yaml", suite="Größe 🙂", prompt="Wessen Größe? {{text}}")
    project.server.play(by_keyword({"number 1": "other", "order": "shop"}, otherwise="other"))
    def go(t, env, args=("-v",), shell=None):
        e = {**os.environ, "PYTHONPATH": os.environ["PYTHONPATH"], **env}
        cmd = [sys.executable, "-m", "pytest", "--llm-budget", "-p", "no:randomly", "--junitxml=o.xml", *args]
        (project.path/"o.xml").unlink(missing_ok=True)
        if shell:
            r = subprocess.run(["bash","-c", " ".join(cmd)+shell], cwd=project.path, env=e, capture_output=True)
        else:
            r = subprocess.run(cmd, cwd=project.path, env=e, capture_output=True)
        print("########", t, "ret", r.returncode, "junit", (project.path/"o.xml").exists())
        print(r.stdout.decode("latin1")[-1500:] if r.returncode!=1 or t in ("20","ascii") else r.stdout.decode("latin1")[-200:]); print(r.stderr.decode("latin1")[-1500:])
        print("INTERNAL" in r.stdout.decode("latin1")+r.stderr.decode("latin1"))
    go("plain", {})
    go("ascii", {"PYTHONIOENCODING":"ascii"})
    go("cp1252", {"PYTHONIOENCODING":"cp1252"})
    go("C locale", {"LC_ALL":"C","PYTHONUTF8":"0","PYTHONCOERCECLOCALE":"0"})
    go("C locale n2", {"LC_ALL":"C","PYTHONUTF8":"0","PYTHONCOERCECLOCALE":"0"}, ("-v","-n2"))
    go("NO_COLOR", {"NO_COLOR":"1", "FORCE_COLOR":""})
    go("20", {"COLUMNS":"20"})
    go("20n2", {"COLUMNS":"20"}, ("-n2",))
    go("1", {"COLUMNS":"1"})
    go("closed", {}, ("-v",), " >&-")
    go("closed2", {}, ("-v",), " >&- 2>&-")
    go("head", {}, ("-v",), " | head -1; exit ${PIPESTATUS[0]}")
    go("full", {}, ("-v",), " > /dev/full")
    go("closed n2", {}, ("-n2",), " >&-")
    go("notty", {"TERM":"dumb"}, ("-v",), " </dev/null")
