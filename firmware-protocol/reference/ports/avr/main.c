/* ports/avr/main.c : the core on an ATmega328P at 16 MHz. UART at BAUD, timer 1 counts microseconds, timer 0 wakes once a
 * millisecond, the watchdog resets after 60 ms. SPDX-License-Identifier: Apache-2.0 */
#include "card_resistor_array_v1.h"
#include "homeostat.h"
#include "spi.h"

#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#ifndef BAUD
#define BAUD 1000000
#endif

enum { DIVIDER = (F_CPU + 4UL * BAUD) / (8UL * BAUD) - 1 };

/*
 * Rings. The received one is a page, so that its indices wrap by themselves; indices that an interrupt touches live in the
 * general purpose registers, which take one cycle. At 1 Mbaud a byte comes, and one goes, every 160 cycles; the interrupts take
 * 40 and 45 of them.
 */
#define RECEIVED_HEAD GPIOR1
#define RECEIVED_TAIL GPIOR2
#define SENT_TAIL GPIOR0
enum { SENT = 64 };
struct {
    uint8_t received[256], sent[SENT];
} rings __attribute__((used, section(".rings,\"aw\",@nobits;"))); /* at the beginning of RAM: see Makefile */
volatile uint8_t sent_head __attribute__((used));

/* A byte that finds the ring full is lost; the frame's check will tell. */
ISR(USART_RX_vect, ISR_NAKED) {
    __asm__ volatile("push r24\n\t"
                     "in r24, __SREG__\n\t"
                     "push r24\n\t"
                     "push r30\n\t"
                     "push r31\n\t"
                     "lds r24, %[data]\n\t"
                     "in r30, %[head]\n\t"
                     "ldi r31, hi8(rings)\n\t"
                     "st Z, r24\n\t"
                     "inc r30\n\t"
                     "in r24, %[tail]\n\t"
                     "cpse r30, r24\n\t"
                     "out %[head], r30\n\t"
                     "pop r31\n\t"
                     "pop r30\n\t"
                     "pop r24\n\t"
                     "out __SREG__, r24\n\t"
                     "pop r24\n\t"
                     "reti\n\t" ::[data] "n"(_SFR_MEM_ADDR(UDR0)),
                     [head] "I"(_SFR_IO_ADDR(RECEIVED_HEAD)), [tail] "I"(_SFR_IO_ADDR(RECEIVED_TAIL)));
}

ISR(USART_UDRE_vect, ISR_NAKED) {
    __asm__ volatile("push r24\n\t"
                     "in r24, __SREG__\n\t"
                     "push r24\n\t"
                     "push r30\n\t"
                     "push r31\n\t"
                     "in r30, %[tail]\n\t"
                     "ldi r31, 0\n\t"
                     "subi r30, lo8(-(rings + 256))\n\t"
                     "sbci r31, hi8(-(rings + 256))\n\t"
                     "ld r24, Z\n\t"
                     "sts %[data], r24\n\t"
                     "in r30, %[tail]\n\t"
                     "inc r30\n\t"
                     "andi r30, %[mask]\n\t"
                     "out %[tail], r30\n\t"
                     "lds r24, sent_head\n\t"
                     "cpse r30, r24\n\t"
                     "rjmp 1f\n\t"
                     "ldi r24, %[quiet]\n\t"
                     "sts %[control], r24\n\t"
                     "1: pop r31\n\t"
                     "pop r30\n\t"
                     "pop r24\n\t"
                     "out __SREG__, r24\n\t"
                     "pop r24\n\t"
                     "reti\n\t" ::[data] "n"(_SFR_MEM_ADDR(UDR0)),
                     [control] "n"(_SFR_MEM_ADDR(UCSR0B)), [tail] "I"(_SFR_IO_ADDR(SENT_TAIL)), [mask] "M"(SENT - 1),
                     [quiet] "M"(1 << RXEN0 | 1 << TXEN0 | 1 << RXCIE0));
}

uint16_t hs_port_receive(const uint8_t **bytes) {
    uint8_t tail = RECEIVED_TAIL, head = RECEIVED_HEAD;
    *bytes = rings.received + tail;
    return head >= tail ? head - tail : 256 - tail;
}

void hs_port_taken(uint16_t count) {
    RECEIVED_TAIL += (uint8_t)count;
}

uint16_t hs_port_send(const uint8_t *bytes, uint16_t count) {
    uint8_t head = sent_head;
    uint8_t room = (uint8_t)(SENT_TAIL - head - 1) & (SENT - 1);
    if (room > count) {
        room = (uint8_t)count;
    }
    if (!room) {
        return 0;
    }
    for (uint8_t i = room; i; i--) {
        rings.sent[head] = *bytes++;
        head = (head + 1) & (SENT - 1);
    }
    sent_head = head;
    UCSR0B = 1 << RXEN0 | 1 << TXEN0 | 1 << RXCIE0 | 1 << UDRIE0;
    return room;
}

static volatile uint16_t turns; /* of timer 1 */

ISR(TIMER1_OVF_vect) {
    turns++;
}

uint32_t hs_port_micros(void) {
    uint8_t enabled = SREG;
    cli();
    uint16_t ticks = TCNT1;
    uint16_t high = turns;
    if (TIFR1 & 1 << TOV1 && ticks < 0x8000) {
        high++;
    }
    SREG = enabled;
    return ((uint32_t)high << 16 | ticks) << 2;
}

EMPTY_INTERRUPT(TIMER0_COMPA_vect)

/* A watchdog reset leaves the watchdog on, at its shortest time. */
void watchdog_off(void) __attribute__((naked, used, section(".init3")));
void watchdog_off(void) {
    MCUSR = 0;
    wdt_disable();
}

static uint32_t boots EEMEM;

int main(void) {
    bus_begin();
    DDRB |= 1 << PB1;
    TCCR1B = 1 << CS11 | 1 << CS10; /* steps of 4 us */
    TIMSK1 = 1 << TOIE1;
    uint32_t boot = eeprom_read_dword(&boots) + 1;
    hs_begin(&card_resistor_array_v1, boot);
    wdt_enable(WDTO_60MS);
    eeprom_update_dword(&boots, boot);

    OCR0A = 249; /* a millisecond in steps of 4 us */
    TCCR0A = 1 << WGM01;
    TCCR0B = 1 << CS01 | 1 << CS00;
    TIMSK0 = 1 << OCIE0A;

    UCSR0A = 1 << U2X0;
    UCSR0C = 1 << UCSZ01 | 1 << UCSZ00;
    UBRR0H = DIVIDER >> 8;
    UBRR0L = DIVIDER & 0xff;
    UCSR0B = 1 << RXEN0 | 1 << TXEN0 | 1 << RXCIE0;
    set_sleep_mode(SLEEP_MODE_IDLE);
    sei();

    for (;;) {
        wdt_reset();
        uint32_t idle = hs_poll();
        if (hs_armed()) {
            PORTB |= 1 << PB1;
        } else {
            PORTB &= (uint8_t)~(1 << PB1);
        }
        if (idle < 1100) { /* the next wake-up might be too late */
            continue;
        }
        cli();
        if (RECEIVED_HEAD == RECEIVED_TAIL) {
            sleep_enable();
            sei(); /* takes effect after the next instruction, so no byte can come in between unseen */
            sleep_cpu();
            sleep_disable();
        } else {
            sei();
            __asm__ volatile("nop\n\tnop"); /* simavr 1.6 needs two to take an interrupt here */
        }
    }
}
