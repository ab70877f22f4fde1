#!/usr/bin/env bash
# Makes what a mosquitto for boards needs, in one folder: an authority, certificates, who may do what, and settings.
#
#   make-broker.sh FOLDER HOST agent:NAME... controller:NAME...
#
# HOST is the broker's name or address as agents and controllers will give it; several are separated by commas. An agent's NAME is its
# board's. What is there already stays as it is, so that names can be added later: give all of them, then
# restart the broker. PORT=8883, DAYS=825, and MOSQUITTO_PLUGIN, the path of mosquitto_dynamic_security.so, may be set in the environment.
set -euo pipefail
umask 077

usage() {
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
[ $# -ge 3 ] || usage

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1/data"
folder=$(cd "$1" && pwd)
hosts=$2
shift 2
seen=' ca broker '
for role; do
    [[ $role =~ ^(agent|controller):[A-Za-z0-9._-]{1,64}$ ]] || {
        echo "make-broker.sh: '$role' is no role; expected agent:NAME or controller:NAME, of letters, digits, '.', '_', '-'" >&2
        exit 2
    }
    [[ $seen != *" ${role#*:} "* ]] || {
        echo "make-broker.sh: the name '${role#*:}' is taken; give each agent and each controller one of its own" >&2
        exit 2
    }
    seen+="${role#*:} "
done

plugin=${MOSQUITTO_PLUGIN:-$(ls /usr/lib/*/mosquitto_dynamic_security.so /usr/lib/mosquitto_dynamic_security.so 2>/dev/null | head -n 1 || true)}
[ -n "$plugin" ] || {
    echo "make-broker.sh: mosquitto_dynamic_security.so is nowhere in /usr/lib; install mosquitto 2, or set MOSQUITTO_PLUGIN" >&2
    exit 1
}

days=${DAYS:-825}
cd "$folder"

if [ ! -e ca.key ]; then
    openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=homeostat-authority \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
        -keyout ca.key -out ca.crt 2>/dev/null
fi

# signed FILE COMMON-NAME EXTENSIONS
signed() {
    [ ! -e "$1.key" ] || return 0
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days "$days" -extfile <(printf '%s\n' "$3") \
        -out "$1.crt" 2>/dev/null
    rm "$1.csr"
}

names=
for host in ${hosts//,/ }; do
    kind=DNS
    [[ $host =~ ^[0-9.]+$ || $host == *:* ]] && kind=IP
    names+=${names:+,}$kind:$host
done
signed broker "${hosts%%,*}" "subjectAltName=$names
extendedKeyUsage=serverAuth"
for role; do
    signed "${role#*:}" "${role#*:}" extendedKeyUsage=clientAuth
done

# rule KIND TOPIC
rule() {
    printf '%s\n        {"acltype": "%s", "topic": "%s", "allow": true}' "$comma" "$1" "$2"
    comma=,
}
{
    echo '{'
    echo '  "defaultACLAccess": {"publishClientSend": false, "publishClientReceive": true, "subscribe": false, "unsubscribe": true},'
    echo '  "groups": [],'
    echo '  "clients": ['
    comma=
    for role; do
        printf '%s    {"username": "%s", "roles": [{"rolename": "%s"}]}' "$comma" "${role#*:}" "${role/:/-}"
        comma=$',\n'
    done
    printf '\n  ],\n  "roles": ['
    between=
    for role; do
        name=${role#*:}
        printf '%s\n    {"rolename": "%s", "acls": [' "$between" "${role/:/-}"
        between=,
        comma=
        if [ "${role%%:*}" = agent ]; then
            for topic in presence card lease telemetry from/+/+; do
                rule publishClientSend "homeostat/1/$name/$topic"
            done
            rule subscribePattern "homeostat/1/$name/to"
        else
            rule publishClientSend homeostat/1/+/to
            for topic in presence card lease telemetry "from/$name/+"; do
                rule subscribePattern "homeostat/1/+/$topic"
            done
        fi
        printf '\n    ]}'
    done
    printf '\n  ]\n}\n'
} > access.json

sed -e "s|@FOLDER@|$folder|g; s|@PLUGIN@|$plugin|g; s|@PORT@|${PORT:-8883}|g" "$here/mosquitto.conf" > mosquitto.conf
if [ "$(id -u)" = 0 ] && id mosquitto > /dev/null 2>&1; then
    chown mosquitto: . data ca.crt broker.crt broker.key access.json mosquitto.conf
fi
echo "start it with: mosquitto -c $folder/mosquitto.conf"
