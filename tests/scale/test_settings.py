import dataclasses
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from landgis.errors import InputRefused, UsageError
from landgis.scale.settings import KEYS, Cluster, read_cluster


@pytest.mark.parametrize(
    ("text", "cluster"),
    [
        ("local:4", Cluster(workers=4)),
        ("tcp://10.0.0.1:8786", Cluster(scheduler="tcp://10.0.0.1:8786")),
        ("tls://scheduler.example:8786", Cluster(scheduler="tls://scheduler.example:8786")),
    ],
)
def test_short_forms(text, cluster):
    assert read_cluster(text) == cluster


@pytest.mark.parametrize(
    "text", ["", "local", "local:", "local:0", "local:-1", "local:two", "tcp://host", "http://host:1", "cluster.yaml"]
)
def test_what_is_no_cluster_is_a_usage_error(text):
    with pytest.raises(UsageError, match="E-CLUSTER · field --cluster"):
        read_cluster(text)


def written(tmp_path, text) -> str:
    path = tmp_path / "cluster.toml"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_file_says_more(tmp_path):
    text = 'workers = 2\nthreads = 1\nmemory_limit = "4GB"\nscratch = "s3://bucket/x"\nparcels = 1000\npatience_s = 5\nkeep = true\n'
    wanted = Cluster(workers=2, memory_limit="4GB", scratch="s3://bucket/x", parcels=1000, patience_s=5, keep=True)
    assert read_cluster(written(tmp_path, text)) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wokers = 2", "wokers: there is no such key; there are: scheduler, workers"),
        ('workers = "2"', "workers: '2' is of the wrong kind"),
        ("workers = true", "workers: True is of the wrong kind"),
        ("workers = 0", "workers: 0 is too small"),
        ("threads = 1", "give either scheduler or workers"),
        ('workers = 1\nscheduler = "tcp://a:1"', "give either scheduler or workers"),
        ('scheduler = "tls://a:1"', "needs all three PEM files"),
        ('workers = 1\ntls_ca = "absent.pem"', "tls_ca: there is no such file"),
        ("workers = ", "this is no TOML"),
    ],
)
def test_faults_of_a_file_are_named(tmp_path, text, said):
    with pytest.raises(InputRefused) as raised:
        read_cluster(written(tmp_path, text))
    assert said in str(raised.value)


def test_all_faults_come_at_once(tmp_path):
    with pytest.raises(InputRefused) as raised:
        read_cluster(written(tmp_path, "wokers = 2\nkeep = 1\nparcels = -4"))
    assert [problem.place.field for problem in raised.value.problems] == ["wokers", "keep", "parcels"]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputRefused, match="cannot be read"):
        read_cluster(str(tmp_path / "none.toml"))


def test_every_key_is_in_the_page():
    page = (Path(__file__).parents[2] / "docs" / "scale.md").read_text("utf-8")
    assert [name for name in KEYS if f"| `{name}` |" not in page] == []


def test_the_example_for_kubernetes_is_what_the_page_says():
    yaml = pytest.importorskip("yaml")
    text = (Path(__file__).parents[2] / "docs" / "scale" / "kubernetes.yaml").read_text("utf-8")
    parts = {(one["kind"], one["metadata"]["name"]): one["spec"] for one in yaml.safe_load_all(text)}
    assert [kind for kind, _ in parts] == ["Service", "Deployment", "Deployment", "Job"]
    for spec in (spec for (kind, _), spec in parts.items() if kind != "Service"):
        (container,) = spec["template"]["spec"]["containers"]
        mounted = {one["name"] for one in container.get("volumeMounts", [])}
        assert mounted == {one["name"] for one in spec["template"]["spec"].get("volumes", [])}
    (job,) = parts["Job", "landgis-score"]["template"]["spec"]["containers"]
    words = job["command"]
    assert words[:2] == ["landgis", "score"]
    assert read_cluster(words[words.index("--cluster") + 1]) == Cluster(scheduler="tcp://landgis-scheduler:8786")
    service = parts["Service", "landgis-scheduler"]
    pods = parts["Deployment", "landgis-scheduler"]["template"]
    assert service["selector"].items() <= pods["metadata"]["labels"].items()


def test_the_example_for_a_batch_queue_is_a_script():
    path = Path(__file__).parents[2] / "docs" / "scale" / "slurm.sh"
    assert subprocess.run(["bash", "-n", path]).returncode == 0
    options = re.findall(r"--[a-z]+", path.read_text("utf-8").partition("landgis score")[2])
    page = subprocess.run([sys.executable, "-m", "landgis", "score", "--help"], capture_output=True, text=True).stdout
    assert options
    assert [one for one in options if one not in page] == []


def test_the_examples_of_the_page_are_read(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "scale.md").read_text("utf-8")
    examples = [part.partition("```")[0] for part in page.split("```toml\n")[1:]]
    assert len(examples) >= 2
    for example in examples:
        known = {key: value for key, value in tomllib.loads(example).items() if not key.startswith("tls_")}
        text = "\n".join(
            f"{key} = {value!r}".replace("True", "true").replace("False", "false") for key, value in known.items()
        )
        cluster = read_cluster(written(tmp_path, text.replace("tls://", "tcp://")))
        assert dataclasses.asdict(cluster).items() >= {**known, "scheduler": cluster.scheduler}.items()
