"""The small version of Benchmarks/sever-under-load."""
import pytest

import severing


@pytest.mark.parametrize("how", ["command", "reload"])
def test_a_severed_link_stops_the_borrower_and_nobody_else(tmp_path, how):
    tmp_path.chmod(0o700)
    figures = severing.sever_under_load(tmp_path, clients_each=20, seconds_before=1, seconds_after=2.5, how=how)
    severing.check(figures, is_quiet=False)
