"""The evidence package: one folder per session, encrypted files and a signed manifest that names every one of them.

    manifest.json  manifest.sig          what was done, by whom, when, and each file's digests; signed by the device
    manifest.clerk.sig                   ... and by the person who sealed it
    manifest.tsr                         a timestamp service's word on manifest.sig (RFC 3161), where one was reachable
    holder.record.enc ... notice.enc     the customer's data, each an `aead_stream` under the session's data key
    review.json    review.sig            the decision of a supervisor, who signs it, when the session was flagged; its
                                         reason is in review_note.enc
    receipt.json   receipt.sig           the centre's receipt, after delivery

The manifest carries no personal data of the customer.
"""

MANIFEST, REVIEW, RECEIPT = "manifest", "review", "receipt"  # also the purpose of each one's signature
CLERK_SIGNATURE, CLERK_PURPOSE = "manifest.clerk.sig", "manifest/clerk"
MANIFEST_TIMESTAMP = "manifest.tsr"
