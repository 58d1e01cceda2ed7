"""Business time: working calendars, official days, time zones and pauses, exact to the microsecond.

calendar  `Calendar`: zone, weekly hours, official days of a region, days of the organisation
clock     questions about instants: is it working time, the next, the previous, add, between, due
days      questions about days: add working days, the end of the day that lies N working days after
official  official days of a region; a year that is not published raises `UnknownYearError`
hours     `Hours` of a day and `Week`; pauses: `Pause`; zone: wall clocks and instants

An instant is working time if the wall clock of the calendar's zone shows hours of the calendar then: an hour that
the clock skips is not there, one that it shows twice counts twice. Instants go in with any zone, and come out in
UTC.
Nothing here has a clock of its own, opens a connection, or loads a library before it is asked.
"""
