"""Readers: one file per profile format, all of them to `perf_advise.model.profile.Profile`.

To add a reader (pstats_dump.py is the example to follow):

1. Write `<format>.py` with `NAME` (shown to people), `sniff(head, name) -> bool` (`head`: the first 64 KiB,
   gzip already opened; content decides, the file name only breaks ties) and `read(stream, size) -> Profile`.
2. Collect weights in a `costs.Costs`, one row per frame, or, of call stacks, in `stacks.Stacks` (whole ones) and
   `stacks.StackWalk` (as frames open and close); check what the file says with `untrusted`.
3. Read through `streams.read_all`, `streams.lines` or `json_stream.members`, which bound memory; damage is
   `errors.damaged(what)`.
   Never run what a profile holds: pickles go through `pickles.load`, marshal through `marshal_values.load`.
4. Add the module's name to the tuple in registry.py, before any reader whose `sniff` is less strict.
5. Test value for value against the tool's own report; test_profiles_fuzz.py takes every file of fixtures/.
"""
