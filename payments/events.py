"""What payments tells the apps above, and in which words. It listens to nobody below it.

``payments.received`` with ``receipt_id``: money came in and was allocated; published once for every receipt, in the
transaction that wrote it. The bulk form publishes none: history is not news.
"""
