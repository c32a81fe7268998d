module flameherd.dev/sidecar

go 1.21
