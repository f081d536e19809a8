"""Facts about AWS as data, each with its source.

In: nothing.
Out: names and limits.
Never: call AWS; know flowgen's language.
"""
