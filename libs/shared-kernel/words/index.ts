export { type Currency, type Money, addMoney, money, multiplyMoney, subtractMoney, sumMoney } from './money.js';
export { unreachable } from './unreachable.js';
