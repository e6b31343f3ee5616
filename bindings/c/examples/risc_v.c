/* Start-up of a 32-bit RISC-V processor, and semihosting. */
#include "board.h"

extern uint32_t data_start, data_end, data_load, bss_start, bss_end;
int main(void);

__attribute__((section(".vectors"), naked, used)) void start(void) {
  __asm__ volatile(
      ".option push\n .option norelax\n la gp, __global_pointer$\n .option pop\n"
      "la sp, stack_top\n"
#ifdef __riscv_flen
      "li t0, 0x2000\n csrs mstatus, t0\n" /* floating-point registers on */
#endif
      "j reset\n");
}

__attribute__((used)) void reset(void) {
  for (uint32_t *to = &data_start, *from = &data_load; to < &data_end;) *to++ = *from++;
  for (uint32_t *to = &bss_start; to < &bss_end;) *to++ = 0;
  end(main());
}

uintptr_t semihost(uintptr_t operation, const void *argument) {
  register uintptr_t a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = argument;
  /* Three instructions of four bytes that an emulator knows together. */
  __asm__ volatile(
      ".option push\n .option norvc\n .balign 16\n slli zero, zero, 0x1f\n ebreak\n srai zero, zero, 7\n .option pop"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return a0;
}
