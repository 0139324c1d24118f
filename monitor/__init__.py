"""The AMI side: live calls, their renewals and limits, what is announced in a talk."""
