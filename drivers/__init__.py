"""One folder per device family. None knows another; all fulfil `hallclient.devices`."""
