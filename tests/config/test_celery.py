"""The promises of PROMISES §A3 stand in the Celery app, and every beat entry names a task that exists."""

from config.celery import LONGEST_JOB, VISIBILITY, app


def test_jobs_come_back_from_a_lost_worker() -> None:
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_always_eager is False


def test_no_job_is_redelivered_while_it_runs() -> None:
    assert app.conf.broker_transport_options["visibility_timeout"] == VISIBILITY
    assert app.conf.result_backend_transport_options["visibility_timeout"] == VISIBILITY
    assert app.conf.task_time_limit == LONGEST_JOB
    assert 2 * LONGEST_JOB < VISIBILITY


def test_beat_names_tasks_that_exist() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_every_task_has_a_soft_limit_within_its_hard_one() -> None:
    """Celery refuses to send a task that has it the other way round, and says so only then."""
    app.loader.import_default_modules()
    limits = {
        name: (
            task.soft_time_limit or app.conf.task_soft_time_limit,
            task.time_limit or app.conf.task_time_limit,
        )
        for name, task in app.tasks.items()
    }
    assert {name for name, (soft, hard) in limits.items() if soft > hard} == set()
