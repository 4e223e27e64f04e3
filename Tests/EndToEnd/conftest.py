import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness  # noqa: E402


@pytest.fixture(scope="module")
def application():
    running = harness.Application()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("gateway")
    path.chmod(0o700)
    return path


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the gateway's last log lines."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        for value in item.funcargs.values():
            gateway = getattr(value, "gateway", value)
            if isinstance(gateway, harness.Gateway):
                report.sections.append(("gateway log", "\n".join(gateway.log[-20:])))


@pytest.fixture
def small_world(tmp_path, application):
    import small_world as module
    tmp_path.chmod(0o700)
    running = module.SmallWorld(tmp_path, application)
    yield running
    running.stop()


@pytest.fixture
def make_world(tmp_path, application):
    """Makes worlds of `scripted.World`, each with a store of its own."""
    import scripted
    worlds = []

    def make(kind="oidc", **parts):
        folder = tmp_path / str(len(worlds))
        folder.mkdir()
        worlds.append(scripted.World(folder, application, kind, **parts))
        make.gateway = worlds[-1].gateway  # whose log a failure shows
        return worlds[-1]

    yield make
    for world in worlds:
        world.stop()
