"""The ways in: issue forms, owners, workflows, and that the example in CONTRIBUTING holds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bagu import article
from bagu.project import Project as Tree
from project import PAGE, ROOT, Project, swap, whole

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
CI, PAGES = (GITHUB / "workflows" / name for name in ("ci.yml", "pages.yml"))

# --- Issue forms -----------------------------------------------------------------------------------------------------

FORMS = {
    # name: (ids that must be filled in, ids that may stay empty)
    "wrong-content": ({"page", "section", "quote", "right", "source"}, {"program"}),
    "new-question": ({"question", "folder", "asked"}, {"answers", "source"}),
    "site-bug": ({"page", "seen", "expected", "browser", "opened"}, set()),
}
# https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
ATTRIBUTES = {
    # type: (required attributes, further ones)
    "markdown": ({"value"}, set()),
    "input": ({"label"}, {"description", "placeholder", "value"}),
    "textarea": ({"label"}, {"description", "placeholder", "value", "render"}),
    "dropdown": ({"label", "options"}, {"description", "multiple", "default"}),
    "checkboxes": ({"label", "options"}, {"description"}),
}


def form(name: str) -> dict:
    return yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml").read_text("utf-8"))


def field(name: str, id_: str) -> dict:
    [found] = [item for item in form(name)["body"] if item.get("id") == id_]
    return found


def test_there_is_a_form_for_each_way_in():
    files = {path.stem for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml")}
    assert files == {*FORMS, "config"}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_one_that_the_host_takes(name):
    made = form(name)
    assert set(made) <= {"name", "description", "title", "labels", "body"} and made["body"]
    assert len(made["name"]) > 3 and 10 < len(made["description"]) <= 200
    for item in made["body"]:
        required, more = ATTRIBUTES[item["type"]]
        assert required <= set(item["attributes"]) <= required | more, item
        assert set(item) <= {"type", "id", "attributes", "validations"}
        assert set(item.get("validations", {})) <= {"required"}
        if item["type"] != "markdown":
            assert re.fullmatch(r"[a-z][a-z-]*", item["id"])
        if item["type"] == "dropdown":
            options = item["attributes"]["options"]
            assert len(set(options)) == len(options) and all(isinstance(option, str) for option in options)
    ids = [item["id"] for item in made["body"] if "id" in item]
    labels = [item["attributes"]["label"] for item in made["body"] if "id" in item]
    assert len(set(ids)) == len(ids) and len(set(labels)) == len(labels)


@pytest.mark.parametrize(("name", "asked"), FORMS.items())
def test_a_form_insists_on_what_a_decision_needs(name, asked):
    asks = {item["id"]: item for item in form(name)["body"] if item["type"] in ("input", "textarea", "dropdown")}
    needed = {id_ for id_, item in asks.items() if item["validations"]["required"]}
    assert (needed, set(asks) - needed) == asked


def test_the_sections_and_folders_of_the_forms_are_those_of_the_project():
    sections = field("wrong-content", "section")["attributes"]["options"]
    assert [option for option in sections if option in article.HEADINGS] == list(article.HEADINGS)
    folders = field("new-question", "folder")["attributes"]["options"]
    assert folders[:-1] == list(dict.fromkeys(topic.folder for topic in Tree(ROOT).topics))


def test_every_folder_of_articles_has_its_lines_in_the_list_of_owners():
    lines = (GITHUB / "CODEOWNERS").read_text("utf-8").splitlines()
    patterns = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    folders = {topic.folder for topic in Tree(ROOT).topics}
    assert {p for p in patterns if p.count("/") == 3} == {
        f"/{top}/{f}/" for top in ("docs", "snippets") for f in folders
    }
    assert all((ROOT / p.strip("/")).exists() for p in patterns if p.count("/") == 2)


# --- Workflows -------------------------------------------------------------------------------------------------------


def zizmor(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "zizmor"), "--offline", "--no-progress", "--persona", "auditor"]
    return subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=False)


def test_zizmor_finds_nothing_in_the_workflows():
    done = zizmor(*WORKFLOWS)
    assert len(WORKFLOWS) == 3 and done.returncode == 0, done.stdout + done.stderr


FAULTS = {
    # what zizmor must say of a workflow with one fault: (old, new, rule)
    "a trigger with the repository's rights": ("  pull_request:\n", "  pull_request_target:\n", "dangerous-triggers"),
    "an action by its tag": (re.compile(r"checkout@\w+ # "), "checkout@", "unpinned-uses"),
    "credentials that stay": ("persist-credentials: false", "persist-credentials: true", "artipacked"),
    "rights by default": ("permissions: {}", "permissions: write-all", "excessive-permissions"),
    "somebody's text in a command": ("run: make check", "run: make ${{ github.event.pull_request.title }}", "template-injection"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "rule"), FAULTS.values(), ids=FAULTS.keys())
def test_zizmor_finds_what_is_planted(old, new, rule, tmp_path):
    sound = CI.read_text("utf-8")
    planted = old.sub(new, sound) if isinstance(old, re.Pattern) else sound.replace(old, new)
    assert planted != sound
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    file = tmp_path / ".github" / "workflows" / "ci.yml"
    file.write_text(planted, "utf-8")
    done = zizmor(file)
    assert done.returncode != 0 and rule in done.stdout


@pytest.mark.skipif(not shutil.which("actionlint"), reason="no actionlint here: it comes from no package index; runs where it is installed")  # fmt: skip
def test_actionlint_finds_nothing_in_the_workflows():
    done = subprocess.run(["actionlint", *map(str, WORKFLOWS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def steps(path: Path) -> list[dict]:
    return [step for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_step_is_a_make_target_that_exists_or_a_pinned_action(path):
    targets = set(re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for step in steps(path):
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w/-]+@[0-9a-f]{40}", step["uses"])
            assert re.search(re.escape(step["uses"]) + r" # v\d+\.\d+\.\d+$", path.read_text("utf-8"), re.MULTILINE)
        elif path.name == "release.yml" and step["run"].startswith("gh "):  # a job that has no checkout, so no make
            assert all(line.startswith("gh release ") for line in step["run"].splitlines())
        else:
            said = re.fullmatch(
                r"make (?:--silent )?([\w-]+)(?: BASE=HEAD\^1 >> \"\$GITHUB_STEP_SUMMARY\")?", step["run"]
            )
            assert said and said[1] in targets, step["run"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_hold_no_secret_no_default_right_and_end_in_time(path):
    text, made = path.read_text("utf-8"), yaml.safe_load(path.read_text("utf-8"))
    assert made["permissions"] == {} and "secrets" not in re.sub(r"#.*", "", text)
    assert all(0 < job["timeout-minutes"] <= 45 for job in made["jobs"].values())


def test_whoever_runs_programs_can_publish_nothing_and_whoever_publishes_runs_none():
    ci, pages = (yaml.safe_load(path.read_text("utf-8"))["jobs"] for path in (CI, PAGES))
    assert ci["check"]["permissions"] == pages["build"]["permissions"] == {"contents": "read"}
    assert pages["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert all("run" not in step for step in pages["deploy"]["steps"])


def test_only_main_writes_the_cache_and_what_is_published_comes_from_none():
    writers = [step for step in steps(CI) if "cache/save" in step.get("uses", "")]
    assert [step["if"] for step in writers] == ["${{ github.event_name == 'push' }}"]
    assert not [step for step in steps(CI) if re.match("actions/cache@", step.get("uses", ""))]
    assert "cache" not in re.sub(r"#.*", "", PAGES.read_text("utf-8"))


# --- CONTRIBUTING ----------------------------------------------------------------------------------------------------

TEXTS = [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "contributing.md"]


def test_both_texts_show_the_same_program():
    programs = {
        re.search(r"```python\n(.*?)```", re.sub(r"(?m)^ {3}", "", t.read_text("utf-8")), re.DOTALL)[1] for t in TEXTS
    }
    assert len(programs) == 1


@pytest.mark.parametrize("number", ["8", "7"])
def test_the_example_is_green_with_its_number_and_red_with_another(number, tmp_path):
    text = (ROOT / "docs" / "contributing.md").read_text("utf-8")
    program = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    [embedded] = re.findall(r"```\n(///.*?)```", text, re.DOTALL)
    name = "transformer/block-sum/linear.py"
    block = re.sub(r"(?<=\| ).*", name, embedded, count=1).replace("8", number)
    project = Project.sound(tmp_path / "project")
    project.edit(
        whole(f"snippets/{name}", program),
        whole(f"snippets/{name[:-3]}.out", "count: 8\n"),
        swap(PAGE, "\n## 错在哪里\n", f"\n{block}\n## 错在哪里\n"),
    )
    assert project.run(command="check").code == 0
    outcome = project.run(PAGE)
    assert outcome.code == (number != "8"), outcome.text
    assert ("the number 7 in [共 7 个参数](proof:count) isn't in the evidence" in outcome.text) == (number == "7")


def test_the_rules_have_their_place():
    text = TEXTS[0].read_text("utf-8")
    assert text.count("<!-- rules -->") == text.count("<!-- /rules -->") == 1


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "README.md", "README.zh.md", ".github/pull_request_template.md"])  # fmt: skip
def test_what_the_texts_tell_people_to_run_exists(name):
    text = (ROOT / name).read_text("utf-8")
    targets = set(re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = set(re.findall(r"(?:^|`|、)make ([a-z][\w-]*)", text, re.MULTILINE))
    assert told and told <= targets, told - targets
    links = re.findall(r"\]\((?!https?:|#)([^)\s]+)\)", re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL))
    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []
