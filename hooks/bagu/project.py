"""Where things are: the root, its folders, and the question map."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml

from .errors import BaguError, Finding

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LABEL = r"[a-z][a-z0-9-]*"
TIERS = ("seed", "core", "more")


@dataclass(frozen=True)
class Question:
    """One entry of the question map; ``seed`` are ids of source questions such as ``S000-06``."""

    id: str
    folder: str
    question: str
    topic: str
    part: str
    tier: str
    core: bool = False
    gloss: str = ""
    seed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topic:
    """A group of questions, in the order of the map."""

    name: str
    part: str
    folder: str
    questions: tuple[Question, ...]


@dataclass
class Project:
    """A working tree: ``docs/``, ``snippets/``, ``.cache/bagu/`` below ``root``."""

    root: Path
    findings: list[Finding] = field(default_factory=list)

    @property
    def docs(self) -> Path:
        return self.root / "docs"

    @property
    def snippets(self) -> Path:
        return self.root / "snippets"

    @property
    def cache(self) -> Path:
        return self.root / ".cache" / "bagu"

    def relative(self, path: Path) -> str:
        """A path for people: relative to the root where it lies inside, with forward slashes."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()

    @cached_property
    def topics(self) -> list[Topic]:
        """The question map, ``docs/questions.yml``. Raises BaguError where it is missing, malformed or repeats an id."""
        path, name = self.docs / "questions.yml", "docs/questions.yml"
        try:
            data = load_yaml_cached(path, self.cache / "questions.json")
        except FileNotFoundError:
            raise BaguError(
                Finding(name, 0, "the question map is missing; every article is entered there", rule="A-17")
            ) from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            message = f"not valid YAML: {getattr(error, 'problem', None) or error}"
            raise BaguError(Finding(name, mark.line + 1 if mark else 0, message, rule="A-17")) from None
        topics, seen, entry = [], set(), {}
        try:
            for topic in data:
                questions = []
                for entry in topic["questions"]:
                    if entry["id"] in seen:
                        raise BaguError(
                            Finding(
                                name,
                                _line(path, entry["id"], 2),
                                f"the id `{entry['id']}` stands twice; an id is for ever one question's",
                                rule="A-17",
                            )
                        )
                    seen.add(entry["id"])
                    if (tier := entry["tier"]) not in TIERS:
                        close = difflib.get_close_matches(str(tier), TIERS, n=1)
                        hint = f"; did you mean `{close[0]}`?" if close else ""
                        message = f"the tier `{tier}` of `{entry['id']}` is none of {', '.join(TIERS)}{hint}"
                        raise BaguError(Finding(name, _line(path, entry["id"]), message, rule="A-17"))
                    questions.append(
                        Question(
                            id=entry["id"],
                            folder=topic["folder"],
                            question=entry["question"],
                            topic=topic["name"],
                            part=topic["part"],
                            tier=entry["tier"],
                            core=bool(entry.get("core")),
                            gloss=entry.get("gloss", ""),
                            seed=tuple(entry.get("seed", ())),
                        )
                    )
                topics.append(Topic(topic["name"], topic["part"], topic["folder"], tuple(questions)))
        except (KeyError, TypeError, AttributeError) as error:
            line = _line(path, entry.get("id")) if isinstance(entry, dict) else 0
            lacking = f"`{error.args[0]}`" if isinstance(error, KeyError) else f"or has the wrong shape: {error}"
            message = f"an entry lacks a key: {lacking}; a question has id, tier, question"
            raise BaguError(Finding(name, line, message, rule="A-17")) from None
        return topics

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The questions of the map by id."""
        return {question.id: question for topic in self.topics for question in topic.questions}


def find_root(start: Path) -> Path:
    """The nearest folder upward that holds ``mkdocs.yml``. Raises BaguError where there is none."""
    for folder in (start, *start.parents):
        if (folder / "mkdocs.yml").is_file():
            return folder
    raise BaguError(Finding(str(start), 0, "no mkdocs.yml here or in any folder above: not inside a project"))


def load_yaml_cached(path: Path, cache: Path) -> object:
    """A YAML file's data, kept as JSON beside its digest, because parsing a large map costs more than a build's rest.

    Raises what reading and parsing raise. A cache that is absent, broken or can't be written is no error.
    """
    import hashlib

    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    try:
        kept = json.loads(cache.read_text("utf-8"))
        if kept["digest"] == digest:
            return kept["data"]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    data = yaml.load(raw.decode("utf-8"), Loader=Loader)  # noqa: S506 - a safe loader
    try:
        write_atomically(cache, json.dumps({"digest": digest, "data": data}, ensure_ascii=False))
    except (OSError, TypeError):  # a full disk, or dates that JSON doesn't know: slower next time, nothing else
        pass
    return data


def write_atomically(path: Path, text: str) -> None:
    """Write beside, then rename: a reader sees the old file or the new one, never half of one."""
    import os
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _line(path: Path, id_: object, occurrence: int = 1) -> int:
    """The line of an entry of the map by its id, in either way to write a mapping; 0 where it isn't found."""
    pattern = re.compile(rf"(?:^|[\s{{,])id:\s*[\"']?{re.escape(str(id_))}[\"']?\s*(?:[,}}#]|$)")
    hits = [n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if pattern.search(line)]
    return hits[min(occurrence, len(hits)) - 1] if hits else 0
