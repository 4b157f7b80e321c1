"""When crawls happen and who runs them: timetable, cadence, dispatch, worker, health."""
