"""The evidence package: one folder per session, encrypted files and a signed manifest that names every one of them.

    manifest.json  manifest.sig          what was done, by whom, when, and each file's digests; signed by the device
    manifest.tsr                         a timestamp service's word on manifest.sig (RFC 3161), where one was reachable
    holder.record.enc ... notice.enc     the customer's data, each an `aead_stream` under the session's data key
    review.json    review.sig            a supervisor's decision, when the session was flagged; its reason is in
                                         review_note.enc
    receipt.json   receipt.sig           the centre's receipt, after delivery

The manifest carries no personal data of the customer.
"""

MANIFEST, REVIEW, RECEIPT = "manifest", "review", "receipt"  # also the purpose of each one's signature
MANIFEST_TIMESTAMP = "manifest.tsr"
