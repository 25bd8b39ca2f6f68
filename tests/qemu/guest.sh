#!/bin/sh
# The guest's only process (init in the initramfs): answers questions on the second serial port, a line
# each. The answers are made here, by this boot's kernel and TPM, and by situs as users have it.
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t securityfs securityfs /sys/kernel/security
exec </dev/ttyS1 >/dev/ttyS1
stty raw -echo
echo ready
while IFS=" " read -r question argument; do
    case $question in
    evidence) # for the challenge
        if situs attest --no-td --tcti device:/dev/tpmrm0 --ak-cert /ak.der --ak-cert /ca.der \
            --nonce "$argument" --json -o /tmp/evidence 2>/tmp/error; then
            base64 -w 0 /tmp/evidence
            echo
        else
            echo "error $(tr '\n' ' ' </tmp/error)"
        fi
        ;;
    td) # there is none, and the attester must say so
        situs attest --tcti device:/dev/tpmrm0 --nonce "$argument" -o /tmp/bound 2>/tmp/error
        echo "exit $? $(tr '\n' ' ' </tmp/error)"
        ;;
    pcrs) # as the kernel reads them
        for i in $(seq 0 15); do
            printf '%s ' "$(cat "/sys/class/tpm/tpm0/pcr-sha384/$i")"
        done
        echo
        ;;
    command) # a raw command to the TPM, as escapes
        # shellcheck disable=SC2059 # the argument is the format
        printf "$argument" >/dev/tpmrm0
        echo "$?"
        ;;
    esac
done
poweroff -f
