"""What is worth knowing beside the damage: files that a dead process left, edits that count, logs that wait."""

from collections.abc import Iterator

from mockpos.fsck.finding import Finding, counted, named
from mockpos.fsck.log_findings import Logs
from mockpos.fsck.reading import Reading
from mockpos.store.inventory_names import InventoryNames


def leftovers(names: InventoryNames, *, is_in_use: bool, is_ours: bool) -> Iterator[Finding]:
    """Tell of files that a process left when it died. A server at work has some of them for moments."""
    if is_in_use:
        return
    for path in names.unfinished:
        if path.exists():
            yield Finding(
                kind="leftover", is_note=True, file=str(path),
                what="it was left unfinished",
                meaning="A process died while it wrote it. Nothing rests on it.",
                way_out="None is needed: a start removes it, and so does `--repair`.",
            )  # fmt: skip
    if names.lock.exists() and not is_ours:
        yield Finding(
            kind="lock_left", is_note=True, file=str(names.lock),
            what="nobody holds it, as far as can be seen from here",
            meaning="A process died that had the file open.",
            way_out="None is needed: a start takes it over.",
        )  # fmt: skip


def other_notes(reading: Reading, logs: Logs) -> Iterator[Finding]:
    """Tell of a file that was edited where that is allowed, and of commits that wait for a file that can be read."""
    version = reading.version
    if reading.more:
        yield Finding(
            kind="more", file=str(logs.file), what=f"{counted(reading.more, 'more finding')} of its documents",
            meaning="They are not shown one by one.", way_out="Put the ones that are shown right, and look again.",
            refuses_start=True,
        )  # fmt: skip
    waiting = [log for log in logs.readings if log.passed.commits]
    if version is None and waiting and not reading.log_faults:
        commits = sum(log.passed.commits for log in waiting)
        ids = tuple(dict.fromkeys(each for log in waiting for each in log.passed.global_ids))
        yield Finding(
            kind="commits_wait", is_note=True, file=str(waiting[0].path),
            what=f"{counted(commits, 'commit')} wait for the file, about {named(ids)}" if ids
            else f"{counted(commits, 'commit')} wait for the file",
            meaning="They are whole. Nothing of them is lost once the file can be read again as it was.",
            passed=commits, global_ids=ids,
            way_out=f"{logs.same_version.name} is the version that is meant." if logs.same_version else "",
        )  # fmt: skip
    for log in logs.readings:
        is_the_files = version is not None and log.header is not None and log.header.generation == version.generation
        was_edited = version is not None and log.fingerprint not in ("", version.fingerprint)
        if is_the_files and was_edited and not log.passed.commits and not log.damaged:
            yield Finding(
                kind="edited", is_note=True, file=str(logs.file),
                what="it was edited after mockpos wrote it",
                meaning="No commit was made since, so a start takes it as it is.",
            )  # fmt: skip
