"""Facts about AWS, as data with their sources.

In: nothing. Out: names and limits. Never: a call to AWS, a word of flowgen's language.
"""
